import type { Page } from "@playwright/test";
import type { Made } from "./stages.mjs";

export type Shot = {
  name: string;
  url: string | ((made: Made) => string);
  stage?: string;
  layer?: boolean;
  act?: (page: Page, made: Made & { device?: string }) => Promise<void>;
};
export declare const pages: Shot[];
