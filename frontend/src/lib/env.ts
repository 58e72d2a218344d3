/**
 * Addresses of the API and of Supabase, read when a request comes in: one build serves every environment.
 * Server only. Next would write `process.env.NEXT_PUBLIC_X` into the build, hence the lookup by name.
 */
const read = (...names: string[]) => {
  for (const name of names) if (process.env[name]) return process.env[name];
  throw new Error(`${names.join(" or ")} is not set`);
};

export const apiUrl = () => read("API_URL", "NEXT_PUBLIC_API_URL");
export const supabaseUrl = () => read("SUPABASE_URL", "NEXT_PUBLIC_SUPABASE_URL");
export const supabaseKey = () => read("SUPABASE_ANON_KEY", "NEXT_PUBLIC_SUPABASE_ANON_KEY");
/** Where browsers reach this app; empty means the address of the request itself. */
export const siteUrl = () => process.env.FRONTEND_URL ?? "";
