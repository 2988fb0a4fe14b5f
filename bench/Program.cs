using IotPlatform.Bench.Floor;
using IotPlatform.Bench.Scenarios;
using IotPlatform.Bench.Servers;

// The benchmark runs its own executable again as the floor.
return args is [FloorKind.Verb] ? FloorServer.Run() : await ScenarioRegistry.RunAsync(args);
