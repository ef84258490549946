import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { labelName } from "../src/prometheus/format.ts";
import { ATTRIBUTE, METRIC, OWN } from "../src/semantic-conventions.ts";

const SOURCE = { type: "prometheus", uid: "$datasource" };
const SLO = labelName(OWN.slo);
const AGENT = labelName(ATTRIBUTE.agent);
const MODEL = labelName(ATTRIBUTE.requestModel);
const TOOL = labelName(ATTRIBUTE.tool);
const ERROR = labelName(ATTRIBUTE.errorType);
const BY_AGENT = `{${AGENT}=~"$agent"}`;
const RATE = "[$__rate_interval]";

/** One query and how its lines are named. */
interface Line {
  readonly expr: string;
  readonly legend: string;
}

function panel(
  title: string,
  unit: string,
  description: string,
  lines: readonly Line[],
): PanelBuilder {
  const built = new PanelBuilder()
    .title(title)
    .unit(unit)
    .description(description)
    .datasource(SOURCE);
  for (const [index, { expr, legend }] of lines.entries()) {
    const refId = String.fromCharCode(65 + index);
    built.withTarget(new DataqueryBuilder().expr(expr).legendFormat(legend).refId(refId));
  }
  return built.span(12).height(8);
}

function quantile(fraction: number, metric: string, label: string, filter: string): Line {
  return {
    expr: `histogram_quantile(${fraction}, sum by (le, ${label}) (rate(${metric}_bucket${filter}${RATE})))`,
    legend: `p${fraction * 100} {{${label}}}`,
  };
}

function rateBy(metric: string, labels: string, filter = ""): string {
  return `sum by (${labels}) (rate(${metric}${filter}${RATE}))`;
}

/** The dashboard of a fleet of agents: objectives, traffic, latency, money, refusals. */
export function buildDashboard(): Dashboard {
  const { operationDuration, timeToFirstChunk, toolDuration, tokenUsage } = METRIC;
  return new DashboardBuilder("burnrate: agents")
    .uid("burnrate-agents")
    .tags(["burnrate", "generated"])
    .refresh("30s")
    .time({ from: "now-6h", to: "now" })
    .timezone("browser")
    .withVariable(
      new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"),
    )
    .withVariable(
      new QueryVariableBuilder("agent")
        .label("Agent")
        .datasource(SOURCE)
        .query(`label_values(${METRIC.calls.prometheus}, ${AGENT})`)
        .multi(true)
        .includeAll(true)
        .allValue(".*"),
    )
    .withRow(new RowBuilder("Objectives"))
    .withPanel(
      panel(
        "Error budget left",
        "percentunit",
        "Of the objective's window; below 0 it is overspent.",
        [{ expr: `min by (${SLO}) (${METRIC.sloRemaining.prometheus})`, legend: `{{${SLO}}}` }],
      ),
    )
    .withPanel(
      panel("Burn rate, 1 h", "short", "1 uses up the budget exactly at the end of the window.", [
        {
          expr: `max by (${SLO}) (${METRIC.sloBurn.prometheus}{${OWN.window}="1h"})`,
          legend: `{{${SLO}}}`,
        },
      ]),
    )
    .withRow(new RowBuilder("Calls"))
    .withPanel(
      panel("Calls by end", "reqps", "How calls ended, models and tools together.", [
        {
          expr: rateBy(METRIC.calls.prometheus, labelName(OWN.outcome), BY_AGENT),
          legend: `{{${labelName(OWN.outcome)}}}`,
        },
      ]),
    )
    .withPanel(
      panel(
        "Refusals by code",
        "reqps",
        "BR1001 killed, BR2001 budget, BR3001 policy, BR4001 rate, BR5001 circuit.",
        [{ expr: rateBy(METRIC.refusals.prometheus, OWN.code), legend: `{{${OWN.code}}}` }],
      ),
    )
    .withPanel(
      panel("Model latency", "s", "From dispatch to the end.", [
        quantile(0.5, operationDuration.prometheus, MODEL, BY_AGENT),
        quantile(0.95, operationDuration.prometheus, MODEL, BY_AGENT),
      ]),
    )
    .withPanel(
      panel("Time to first chunk", "s", "Of streams.", [
        quantile(0.5, timeToFirstChunk.prometheus, MODEL, BY_AGENT),
        quantile(0.95, timeToFirstChunk.prometheus, MODEL, BY_AGENT),
      ]),
    )
    .withPanel(
      panel("Tool latency", "s", "From dispatch to the end.", [
        quantile(0.95, toolDuration.prometheus, TOOL, BY_AGENT),
      ]),
    )
    .withPanel(
      panel("Errors by class", "reqps", "Model calls that a provider did not answer well.", [
        {
          expr: rateBy(
            `${operationDuration.prometheus}_count`,
            `${MODEL}, ${ERROR}`,
            `{${AGENT}=~"$agent", ${ERROR}!=""}`,
          ),
          legend: `{{${MODEL}}} {{${ERROR}}}`,
        },
      ]),
    )
    .withRow(new RowBuilder("Money"))
    .withPanel(
      panel(
        "Budgets left",
        "percentunit",
        "Of each budget's fullest account; at 0 new work is refused.",
        [
          {
            expr: `min by (${OWN.budget}) (${METRIC.budgetLeft.prometheus})`,
            legend: `{{${OWN.budget}}}`,
          },
        ],
      ),
    )
    .withPanel(
      panel(
        "Dollars an hour",
        "currencyUSD",
        "What calls were charged, less what was charged too much.",
        [
          {
            expr: `3600 * (${rateBy(METRIC.cost.prometheus, MODEL, BY_AGENT)} - (${rateBy(METRIC.costCorrections.prometheus, MODEL, BY_AGENT)} or 0 * ${rateBy(METRIC.cost.prometheus, MODEL, BY_AGENT)}))`,
            legend: `{{${MODEL}}}`,
          },
        ],
      ),
    )
    .withPanel(
      panel("Tokens a second", "short", "As providers reported them.", [
        {
          expr: rateBy(
            `${tokenUsage.prometheus}_sum`,
            `${MODEL}, ${labelName(ATTRIBUTE.tokenType)}`,
            BY_AGENT,
          ),
          legend: `{{${MODEL}}} {{${labelName(ATTRIBUTE.tokenType)}}}`,
        },
      ]),
    )
    .withRow(new RowBuilder("The guard itself"))
    .withPanel(
      panel("Calls in flight, kills, open circuits", "short", "Right now.", [
        { expr: `sum(${METRIC.inFlight.prometheus})`, legend: "calls in flight" },
        { expr: `max(${METRIC.kills.prometheus})`, legend: "kills" },
        { expr: `sum(${METRIC.openCircuits.prometheus})`, legend: "open circuits" },
      ]),
    )
    .withPanel(
      panel(
        "Dropped and folded",
        "short",
        "Telemetry that was let go; anything but 0 wants a look.",
        [
          { expr: rateBy(METRIC.dropped.prometheus, OWN.what), legend: `{{${OWN.what}}}` },
          { expr: `sum(rate(${METRIC.folded.prometheus}${RATE}))`, legend: "folded" },
        ],
      ),
    )
    .build();
}
