import type { Metadata, Viewport } from "next";
import localFont from "next/font/local";
import { headers } from "next/headers";
import { Providers } from "./providers";
import "./globals.css";

const newsreader = localFont({
  variable: "--font-newsreader",
  display: "swap",
  adjustFontFallback: "Times New Roman",
  src: [
    { path: "../fonts/newsreader-roman.woff2", style: "normal", weight: "400" },
    { path: "../fonts/newsreader-italic.woff2", style: "italic", weight: "400" },
  ],
});
const sans = localFont({
  variable: "--font-ui",
  display: "swap",
  src: "../fonts/anek-latin.woff2",
  weight: "400 650",
});
// The rupee sign has a file of its own: next/font/local knows no unicode-range for each file.
const newsreaderRupee = localFont({
  variable: "--font-newsreader-rupee",
  display: "swap",
  preload: false,
  adjustFontFallback: false,
  src: [
    { path: "../fonts/newsreader-rupee.woff2", style: "normal", weight: "400" },
    { path: "../fonts/newsreader-rupee-italic.woff2", style: "italic", weight: "400" },
  ],
  declarations: [{ prop: "unicode-range", value: "U+20B9" }],
});
const sansRupee = localFont({
  variable: "--font-ui-rupee",
  display: "swap",
  preload: false,
  adjustFontFallback: false,
  src: "../fonts/anek-latin-rupee.woff2",
  declarations: [{ prop: "unicode-range", value: "U+20B9" }],
});
const fonts = [newsreader, sans, newsreaderRupee, sansRupee].map((f) => f.variable).join(" ");

export const metadata: Metadata = {
  title: { default: "Raptorflow", template: "%s · Raptorflow" },
  description: "Marketing that starts from what is true.",
};
export const viewport: Viewport = {
  viewportFit: "cover",
  interactiveWidget: "resizes-content",
};

export default async function RootLayout({ children }: { children: React.ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    <html lang="en-IN" suppressHydrationWarning className={fonts}>
      <body>
        <Providers {...(nonce ? { nonce } : {})}>{children}</Providers>
      </body>
    </html>
  );
}
