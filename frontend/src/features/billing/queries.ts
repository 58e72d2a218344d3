import { queryOptions } from "@tanstack/react-query";
import { api, take, type Schemas } from "@/lib/api/client";

export type Offer = Schemas["PlanOffer"];
export type Invoice = Schemas["Invoice"];
export type CreditNote = Schemas["CreditNote"];

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
