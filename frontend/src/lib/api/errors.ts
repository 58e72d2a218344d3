/** What the API said is wrong: problem+json, FastAPI's list of fields, or nothing that can be read. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly requestId: string | null,
    readonly retryAfterSeconds: number | null,
    /** Field name to message, of a 422. */
    readonly fields: Record<string, string>,
    /** Every member of the problem document. */
    readonly extra: Record<string, unknown>,
  ) {
    super(detail);
    this.name = "ApiError";
  }
}

type Problem = Record<string, unknown> & { errors?: unknown; detail?: unknown; code?: unknown };
type Field = {
  pointer?: string;
  loc?: unknown[];
  field?: string;
  msg?: string;
  message?: string;
  detail?: string;
};

export function apiError(response: Response, body: unknown): ApiError {
  const problem = (body && typeof body === "object" ? body : {}) as Problem;
  const list = Array.isArray(problem.errors) ? problem.errors : problem.detail;
  const fields: Record<string, string> = {};
  for (const item of (Array.isArray(list) ? list : []) as Field[]) {
    const path = item.loc ?? item.pointer?.split("/") ?? item.field?.split(".") ?? [];
    const loc = path.filter((p) => p !== "body");
    fields[loc.join(".")] = sentence(item.msg ?? item.message ?? item.detail ?? "Not valid.");
  }
  const retry = Number(response.headers.get("retry-after"));
  return new ApiError(
    response.status,
    typeof problem.code === "string" ? problem.code : "unknown",
    typeof problem.detail === "string" ? problem.detail : "The request was refused.",
    response.headers.get("x-request-id") ??
      (typeof problem.request_id === "string" ? problem.request_id : null),
    Number.isFinite(retry) && retry > 0 ? retry : null,
    fields,
    problem,
  );
}

export const offline = () =>
  new ApiError(0, "offline", "There is no connection.", null, null, {}, {});

const sentence = (text: string) => {
  const plain = text.replace(/^Value error, /, "");
  return plain.charAt(0).toUpperCase() + plain.slice(1) + (/[.?]$/.test(plain) ? "" : ".");
};
