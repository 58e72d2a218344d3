export declare const PASSWORD: string;
export declare const where: () => { web: string; api: string; supabase: string; key: string };
export declare function signUp(name?: string): Promise<Founder>;
export declare class Founder {
  email: string;
  token: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON of the API, as it comes
  call(method: string, path: string, body?: unknown): Promise<any>;
  session(): Promise<{ id: string }>;
  bring(files?: URL[]): Promise<string>;
  onboard(toStep?: number, complete?: boolean): Promise<string>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON of the API, as it comes
  piece(...of: unknown[]): Promise<any>;
  buy(plan?: string, cycle?: string): Promise<{ payment_id: string; payment_url: string }>;
  pay(
    page: { payment_id: string; payment_url: string },
    outcome?: string,
  ): Promise<{ id: string; status: string }>;
  move(goal?: string): Promise<{ id: string; name: string }>;
}
