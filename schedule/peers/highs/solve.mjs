// Solves one LP file after the other with HiGHS. Each line on standard input
// is {"file", "gap", "seconds"}; each answer is one line of JSON: "status",
// "cost", the seconds of processor time of "read" (the file into HiGHS) and of
// "solve", or "error".
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import loadHighs from "highs";

const highs = await loadHighs();

const used = ({ user, system }) => (user + system) / 1e6;

function solve({ file, gap, seconds }) {
  const text = readFileSync(file, "utf8");
  const begin = process.cpuUsage();
  const model = highs.createModel({ format: "lp", data: text });
  try {
    const read = used(process.cpuUsage(begin));
    model.options.set({
      output_flag: false, mip_rel_gap: gap, mip_abs_gap: 0, time_limit: seconds,
    });
    const ready = process.cpuUsage();
    const { modelStatus } = model.run();
    const solve = used(process.cpuUsage(ready));
    const status = Object.entries(highs.constants.modelStatus).find(([, code]) => code === modelStatus)?.[0];
    return { status: status ?? String(modelStatus), cost: model.getObjectiveValue(), read, solve };
  } finally {
    model.dispose();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = solve(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
