import { expect, it } from "vitest";
import { apiError } from "./errors";

it("reads the fields of a 422, the wait of a 429 and the id of the request", () => {
  const headers = { "retry-after": "40", "x-request-id": "r1" };
  const errors = [
    { pointer: "body/billing_details/pin", message: "A PIN has six digits", type: "value_error" },
  ];
  const error = apiError(new Response(null, { status: 422, headers }), {
    code: "pin_invalid",
    detail: "A PIN has six digits.",
    errors,
  });
  expect(error.fields).toEqual({ "billing_details.pin": "A PIN has six digits." });
  expect(error).toMatchObject({ code: "pin_invalid", retryAfterSeconds: 40, requestId: "r1" });
});
