import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";

export type Offer = Schemas["PlanOffer"];
export type Invoice = Schemas["Invoice"];
export type CreditNote = Schemas["CreditNote"];
export type Payment = Schemas["Payment"];
export type Quote = Schemas["QuoteView"];
export type Subscription = Schemas["SubscriptionState"];
export type Wish = Schemas["SubscriptionWish"];
export type Usage = Schemas["Usage"];
export type Terms = Schemas["PlanList"];
export type Change = Schemas["Change"];

const SUBSCRIPTION = "/api/v1/billing/subscription";

export const plansQuery = (on = api) =>
  queryOptions({
    queryKey: ["billing", "plans"],
    queryFn: () => take(on.GET("/api/v1/billing/plans")),
    staleTime: 3_600_000,
  });

const PAGE = 24;

export const invoicesQuery = (page = 1, on = api) =>
  queryOptions({
    queryKey: ["billing", "invoices", { page }],
    queryFn: () =>
      take(
        on.GET("/api/v1/billing/invoices", {
          params: { query: { limit: PAGE, offset: (page - 1) * PAGE } },
        }),
      ),
  });

export const invoiceQuery = (id: string, on = api) =>
  queryOptions({
    queryKey: ["billing", "invoices", id],
    queryFn: () =>
      take(
        on.GET("/api/v1/billing/invoices/{invoice_id}", { params: { path: { invoice_id: id } } }),
      ).then((r) => r.invoice),
  });

export const creditNotesQuery = (on = api) =>
  queryOptions({
    queryKey: ["billing", "credit-notes"],
    queryFn: () =>
      take(on.GET("/api/v1/billing/credit-notes", { params: { query: { limit: 100 } } })),
  });

export const invoicePdf = (id: string) => `/api/v1/billing/invoices/${id}/pdf`;
export const creditNotePdf = (id: string) => `/api/v1/billing/credit-notes/${id}/pdf`;
export const subscriptionQuery = (on = api) =>
  queryOptions({
    queryKey: ["billing", "subscription"],
    queryFn: () => take(on.GET("/api/v1/billing/subscription")),
  });

/** Every change of the subscription and its cause, newest first. */
export const historyQuery = (on = api) =>
  queryOptions({
    queryKey: ["billing", "history"],
    queryFn: () =>
      take(on.GET("/api/v1/billing/subscription/history", { params: { query: { limit: 50 } } })),
  });

/** Payments in every state, newest first. */
export const paymentsQuery = (page = 1, on = api) =>
  queryOptions({
    queryKey: ["billing", "payment-list", { page }],
    queryFn: () =>
      take(
        on.GET("/api/v1/billing/payments", {
          params: { query: { limit: PAGE, offset: (page - 1) * PAGE } },
        }),
      ),
  });

/** One payment as it is known here, without asking the gateway. */
export const paymentRowQuery = (id: string) =>
  queryOptions({
    queryKey: ["billing", "payment", id],
    queryFn: () =>
      take(
        api.GET("/api/v1/billing/payments/{payment_id}", { params: { path: { payment_id: id } } }),
      ).then((r) => r.payment),
  });

/** The money is on its way back and not there yet. */
export const isGoingBack = (payment: Payment) =>
  payment.refund_status === "requested" || payment.refund_status === "pending";

/** What a wish would cost now; the server counts, the page only shows. */
export const useQuote = (wish: Wish) =>
  useQuery({
    queryKey: ["billing", "quote", wish],
    queryFn: () => take(api.POST("/api/v1/billing/subscription/quote", { body: wish })),
    enabled: !!wish.billing_details,
    retry: false,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });

/** A payment that came back from the gateway; asks until it is settled, for `LONGEST_MS` at most. */
export const paymentQuery = (id: string) =>
  queryOptions({
    queryKey: ["billing", "payments", id],
    queryFn: () =>
      take(
        api.POST("/api/v1/billing/payments/{payment_id}/check", {
          params: { path: { payment_id: id } },
        }),
      ).then((r) => r.payment),
    staleTime: 0,
  });

export const isSettled = (status: Payment["status"]) =>
  status !== "pending" && status !== "processing";

export const useSubscribe = () => useAct((wish: Wish) => api.POST(SUBSCRIPTION, { body: wish }));
export const useCancel = () => useAct(() => api.POST(`${SUBSCRIPTION}/cancel`));
export const useResume = () => useAct(() => api.POST(`${SUBSCRIPTION}/resume`));

export const useTrial = () => useAct(() => api.POST(`${SUBSCRIPTION}/trial`));
export const useTopUp = () =>
  useAct((wish: Schemas["TopUpWish"]) => api.POST("/api/v1/billing/topup", { body: wish }));
/** Takes the whole of a payment back; asked twice, the same refund. */
export const useRefund = () =>
  useAct((id: string) =>
    api.POST("/api/v1/billing/payments/{payment_id}/refund", {
      params: { path: { payment_id: id } },
    }),
  );

/** A change of the subscription: whatever comes of it, what is shown is read anew. */
function useAct<V, T>(
  act: (value: V) => Promise<{ data?: T; error?: unknown; response: Response }>,
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (value: V) => take(act(value)),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["me"] });
      return client.invalidateQueries({
        queryKey: ["billing"],
        predicate: ({ queryKey: [, part] }) => part !== "plans" && part !== "quote",
      });
    },
  });
}

export const usageQuery = (on = api) =>
  queryOptions({
    queryKey: ["billing", "usage"],
    queryFn: () => take(on.GET("/api/v1/billing/usage")),
    staleTime: 60_000,
  });

/** Every charge of a month (2026-11), as CSV. */
export const ledgerOf = (month: string) => `/api/v1/billing/ledger?month=${month}`;
