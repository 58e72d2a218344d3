/** Figures, money and times as India reads them. One zone, so that server and browser agree. */
const tz = "Asia/Kolkata";
const inr0 = new Intl.NumberFormat("en-IN", {
  style: "currency",
  currency: "INR",
  maximumFractionDigits: 0,
});
const inr2 = new Intl.NumberFormat("en-IN", { style: "currency", currency: "INR" });
const int = new Intl.NumberFormat("en-IN");
const parts = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-IN", { ...options, timeZone: tz });
const long = parts({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const short = parts({ weekday: "short", day: "numeric", month: "short" });
const plain = parts({ day: "numeric", month: "short", year: "numeric" });
const dayMonth = parts({ day: "numeric", month: "long" });
const monthName = parts({ month: "long" });
const clock = parts({ hour: "numeric", minute: "2-digit", hour12: true });
const weekday = parts({ weekday: "short" });
const iso = new Intl.DateTimeFormat("en-CA", { timeZone: tz });

export const inr = (rupees: number) => (Number.isInteger(rupees) ? inr0 : inr2).format(rupees);
/** Integer paise to the paisa, for what stands in a column: ₹1,349.82. */
export const rupees = (paise: number) => inr2.format(paise / 100);
export const count = (n: number) => int.format(n);

/** Model cost, in dollars and never converted: $2.31, or "under $0.01" where cents cannot show it. */
export const usd = (dollars: number) => {
  if (dollars > 0 && dollars < 0.01) return "under $0.01";
  return `$${dollars.toFixed(2)}`;
};

export const dateLong = (d: Date) => long.format(d).replace(",", "");
export const dateShort = (d: Date) => short.format(d).replace(",", "");
export const datePlain = (d: Date) => plain.format(d);
export const dateDay = (d: Date) => dayMonth.format(d);
export const month = (d: Date) => monthName.format(d);
export const weekdayShort = (d: Date) => weekday.format(d);
export const time = (d: Date) =>
  clock.format(d).replace(/\s?(am|pm)$/i, (m) => " " + m.trim().toLowerCase());

/** 2026-11-23, as the API writes a day. */
export const isoDay = (d: Date) => iso.format(d);
/** Noon of a day of the API, so that no zone moves it. */
export const fromDay = (day: string) => new Date(`${day}T12:00:00+05:30`);
export const addDays = (day: string, n: number) =>
  isoDay(new Date(fromDay(day).getTime() + n * 86_400_000));

const small = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
export const inWords = (n: number) => small[n] ?? int.format(n);
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
/** `many(3, "task")`: 3 tasks. */
export const many = (n: number, one: string, more = `${one}s`) =>
  `${int.format(n)} ${n === 1 ? one : more}`;

export function minutes(n: number) {
  if (n < 60) return `${n} min`;
  const h = Math.floor(n / 60);
  const m = n % 60;
  return m ? `${h} h ${m} min` : `${h} h`;
}

export function seconds(n: number) {
  if (n < 10) return `${n.toFixed(1)} s`;
  return n < 60 ? `${Math.round(n)} s` : minutes(Math.round(n / 60));
}

export function bytes(n: number) {
  if (n < 1024) return `${n} B`;
  const kb = n / 1024;
  return kb < 1024 ? `${Math.round(kb)} KB` : `${(kb / 1024).toFixed(1)} MB`;
}

/** "40 min left" under a day, else the day itself. */
export function until(then: Date, now: Date) {
  const left = Math.floor((then.getTime() - now.getTime()) / 60_000);
  if (left <= 0) return "no time left";
  return left < 24 * 60 ? `${minutes(left)} left` : `until ${dateShort(then)}`;
}

/** "12 min ago" under a day, else the day. */
export function ago(then: Date, now: Date) {
  const past = Math.floor((now.getTime() - then.getTime()) / 60_000);
  if (past < 1) return "just now";
  return past < 24 * 60 ? `${minutes(past)} ago` : datePlain(then);
}
