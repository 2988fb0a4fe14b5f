using System.Runtime.InteropServices;
using IotPlatform.Bench.Bare;
using IotPlatform.Bench.Floor;
using IotPlatform.Bench.Scenarios;
using IotPlatform.Bench.Servers;

// The runtime ends a process on a signal without its exit handlers, which are what ends the servers. 128 + the signal's number is the usual code.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Environment.Exit(130));
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Environment.Exit(143));

// The benchmark runs its own executable again as the floor, and built on Orleans as that alone.
return args is [FloorKind.Verb] ? FloorServer.Run() : await (BareProgram.TryRun(args) ?? ScenarioRegistry.RunAsync(args));
