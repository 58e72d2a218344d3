import { meQuery } from "@/features/account/queries";
import { pendingQuery } from "@/features/approvals/queries";
import { usageQuery } from "@/features/billing/queries";
import { Palette } from "@/features/shell/palette";
import { PhoneBar } from "@/features/shell/phone-bar";
import { Offline, SessionEnded } from "@/features/shell/session";
import { Sidebar } from "@/features/shell/sidebar";
import { Fetched, serverApi } from "@/lib/api/server";

export default async function AppLayout({ children }: { children: React.ReactNode }) {
  const api = await serverApi();
  return (
    <Fetched of={[meQuery(api), pendingQuery(api), usageQuery(api)]}>
      <div className="mx-auto flex max-w-[92rem]">
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50 focus:bg-ink focus:px-4 focus:py-2 focus:text-on-ink"
        >
          Skip to the page
        </a>
        <Offline />
        <Sidebar />
        <main
          id="main"
          tabIndex={-1}
          className="min-w-0 flex-1 px-5 pt-5 pb-28 outline-none sm:px-8 lg:px-12 lg:pt-8 lg:pb-20"
        >
          {children}
        </main>
        <PhoneBar />
        <Palette />
        <SessionEnded />
      </div>
    </Fetched>
  );
}
