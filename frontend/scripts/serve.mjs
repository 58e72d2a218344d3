// Serves the built app; ends when its standard input does, so that it never outlives who started it.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
await import("../.next/standalone/server.js");
