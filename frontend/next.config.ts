import type { NextConfig } from "next";

const quiet = [
  { key: "x-content-type-options", value: "nosniff" },
  { key: "referrer-policy", value: "strict-origin-when-cross-origin" },
  { key: "permissions-policy", value: "camera=(), microphone=(), geolocation=(), payment=()" },
  { key: "x-frame-options", value: "DENY" },
  { key: "cross-origin-opener-policy", value: "same-origin" },
  // Browsers heed it over https alone, so it is harmless on one's own machine.
  { key: "strict-transport-security", value: "max-age=31536000" },
];

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  typedRoutes: true,
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  experimental: { optimizePackageImports: ["radix-ui"] },
  headers: async () => [{ source: "/:path*", headers: quiet }],
  redirects: async () => [
    { source: "/app", destination: "/today", permanent: false },
    { source: "/login", destination: "/sign-in", permanent: false },
  ],
};

export default config;
