"use client";
import { useQuery } from "@tanstack/react-query";
import { factsQuery, sessionQuery, type Fact } from "./queries";

const NONE: ReadonlyMap<string, Fact> = new Map();

/** The workspace's facts by id, for what cites them. */
export function useFacts(): ReadonlyMap<string, Fact> {
  const session = useQuery(sessionQuery());
  const facts = useQuery(factsQuery(session.data?.id ?? ""));
  return facts.data ?? NONE;
}
