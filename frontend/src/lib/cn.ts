import { clsx } from "clsx";

/**
 * Class names side by side. Of two that set the same thing the style sheet's order decides, not this list's, so
 * no list may have both; src/styles/classes.test.ts looks.
 */
export const cn = clsx;
