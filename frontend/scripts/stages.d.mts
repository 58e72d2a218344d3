import type { Browser, Cookie } from "@playwright/test";
import type { Founder } from "./founder.mjs";

export type State = { cookies: Cookie[]; origins: [] };
export type Made = { founder?: Founder; state?: State } & Record<string, unknown>;
export declare function signedIn(browser: Browser, founder: Founder): Promise<State>;
export declare function stage(browser: Browser, name?: string): Promise<Made>;
