// A customer's whole journey, by an outside developer: the types are generated, nothing is known but the documentation.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { argv, env } from "node:process";
import createClient from "openapi-fetch";
import { Webhook } from "standardwebhooks";
import type { components, paths, webhooks } from "./ledger.js";

type Schemas = components["schemas"];
type LedgerEvent = {
  [Type in keyof webhooks]: webhooks[Type]["post"]["requestBody"]["content"]["application/json"];
}[keyof webhooks];

const ledger = createClient<paths>({
  baseUrl: env["MINUTES_URL"] ?? "",
  headers: { Authorization: `Bearer ${env["MINUTES_KEY"] ?? ""}` },
});
const workspace_id = argv[2] ?? "acme";

const received: LedgerEvent[] = [];
let verifier: Webhook | undefined;
let wake = (): void => {};

const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (part: Buffer) => (body += part.toString()));
  request.on("end", () => {
    try {
      assert(verifier, "the secret is not known yet");
      received.push(verifier.verify(body, request.headers as Record<string, string>) as LedgerEvent);
      response.writeHead(204).end();
    } catch {
      response.writeHead(400).end();
    }
    wake();
  });
});

async function event<T extends LedgerEvent["type"]>(type: T): Promise<Extract<LedgerEvent, { type: T }>> {
  for (;;) {
    const found = received.find((each) => each.type === type);
    if (found) return found as Extract<LedgerEvent, { type: T }>;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}

// Every state of a purchase: the compiler refuses this when one is missing.
function sentence(status: Schemas["PurchaseStatus"]): string {
  switch (status) {
    case "requires_payment":
    case "requires_action":
    case "processing":
      return "not paid yet";
    case "paid":
      return "paid";
    case "failed":
      return "declined";
    case "canceled":
    case "quarantined":
      return "ended";
    case "partially_refunded":
    case "refunded":
    case "disputed":
      return "given back";
  }
}

function present<T>(value: T | undefined, error?: { code?: string; detail?: string }): T {
  if (value === undefined) throw new Error(`${error?.code}: ${error?.detail}`);
  return value;
}

async function listen(): Promise<void> {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const { port } = receiver.address() as AddressInfo;
  const { data, error } = await ledger.POST("/api/webhook-endpoints", {
    body: {
      url: `http://127.0.0.1:${port}/events`,
      events: [
        "usage.threshold",
        "usage.limit_hit",
        "usage.refused",
        "purchase.paid",
        "purchase.failed",
        "purchase.refunded",
      ],
    },
  });
  verifier = new Webhook(present(data, error).secret);
}

async function useEverything(): Promise<number[]> {
  const warnings: number[] = [];
  for (let number = 1; number <= 100; number++) {
    const limit = await ledger.GET("/api/usage/check-limit", { params: { query: { workspace_id, minutes: 2 } } });
    assert(present(limit.data, limit.error).allowed);
    const use = await ledger.POST("/api/usage/track-minute", {
      body: { workspace_id, minutes: 2, key: `call-${number}` },
    });
    warnings.push(...present(use.data, use.error).thresholds);
  }
  return warnings;
}

async function main(): Promise<void> {
  const made = await ledger.POST("/api/workspaces", {
    body: { workspace_id, name: "Acme", owner_email: "o@acme.example", plan: "starter", billing_cycle: "monthly" },
  });
  assert.equal(present(made.data, made.error).total_minutes, 200);
  await listen();
  assert.deepEqual(await useEverything(), [80, 90, 100]);

  const blocked = await ledger.POST("/api/usage/track-minute", {
    body: { workspace_id, minutes: 30, key: "too-much", require_full: true },
  });
  assert.equal(blocked.response.status, 402);
  assert(blocked.error && "available_minutes" in blocked.error);
  assert.equal(blocked.error.available_minutes, 0);
  assert.equal((await event("usage.refused")).data.balance.total_minutes, 0);

  const bought = await ledger.POST("/api/extra-minutes/purchase", {
    params: { header: { "Idempotency-Key": "order-1" } },
    body: { workspace_id, package: "small", payment_method: "pm_card_visa_chargeDeclined" },
  });
  const { purchase_id, status } = present(bought.data, bought.error);
  assert.equal(sentence(status), "declined");
  assert.equal((await event("purchase.failed")).data.purchase_id, purchase_id);

  const retried = await ledger.POST("/api/extra-minutes/purchases/{purchase_id}/retry", {
    params: { path: { purchase_id } },
    body: { payment_method: "pm_card_visa", key: "order-1-again" },
  });
  present(retried.data, retried.error);
  const paid = (await event("purchase.paid")).data;
  assert.equal(sentence(paid.status), "paid");
  assert.deepEqual([paid.minutes, paid.balance.extra_minutes], [60, 60]);

  const use = await ledger.POST("/api/usage/track-minute", {
    body: { workspace_id, minutes: 10, key: "after", require_full: true },
  });
  assert.equal(present(use.data, use.error).from_extra, 10);

  console.log(`refund ${purchase_id}`); // at Stripe, by whoever runs the company
  const refunded = (await event("purchase.refunded")).data;
  assert.deepEqual([sentence(refunded.status), refunded.taken_back_minutes], ["given back", 50]);
  console.log(`done ${received.map((each) => each.type).join(" ")}`);
}

main().then(
  () => receiver.close(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
