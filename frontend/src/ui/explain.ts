import { ApiError } from "@/lib/api/errors";
import { usd } from "@/lib/format";

const TITLES: Record<number, string> = {
  0: "You are offline",
  401: "You were signed out",
  402: "The budget of this month is used up",
  403: "Your plan does not include this",
  404: "Not here",
  409: "This has changed in the meantime",
  413: "Too large",
  415: "This kind of file cannot be read",
  429: "A little too fast",
  503: "Raptorflow is not answering",
};

/** Where the status alone would say the wrong thing. */
const BY_CODE: Record<string, string> = {
  refund_too_late: "This payment is too old to go back",
  refund_used: "Too much of it is used",
  refund_superseded: "Something newer stands on this payment",
  payment_not_refundable: "This payment cannot go back",
  plan_below_use: "What you have does not fit that plan",
  trial_used: "You have had your trial",
  autopay_off: "AutoPay is not available here",
};

/** What went wrong, as a founder reads it: title, sentence, what is safe. */
export function explain(error: unknown): { title: string; text: string; id: string | null } {
  if (!(error instanceof ApiError))
    return { title: "This part of the page failed", text: "Nothing was changed.", id: null };
  const title =
    BY_CODE[error.code] ??
    TITLES[error.status] ??
    (error.status >= 500 ? "Our side failed" : "That did not work");
  const text =
    error.status === 0
      ? "What you wrote stays here. It can be sent when the connection is back."
      : error.status === 404
        ? "It may have been deleted."
        : error.status === 500
          ? "Nothing was saved. Trying again is safe."
          : error.status === 402 && typeof error.extra.remaining === "number"
            ? `${usd(error.extra.remaining)} is left, and this needs more. Reading and editing go on.`
            : error.detail;
  return { title, text, id: error.requestId };
}
