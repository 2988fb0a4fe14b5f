using IotPlatform.Fuzz;
using Xunit.Abstractions;

namespace IotPlatform.Unit.Tests.Fuzz;

/// <summary>A part of what <c>bench fuzz</c> does at length.</summary>
[Collection(FuzzCollection.Name)]
[Trait("Category", "Fuzz")]
public sealed class SessionFuzzTests(ITestOutputHelper output)
{
    private const int Packets = 25_000;

    [Fact]
    public Task Gateway_WhateverClientsSay_HoldsWhatItPromises() => RunAsync(seed: 20_261_121);

    [Fact]
    public Task Gateway_WhateverClientsSay_WithANewSeed_HoldsWhatItPromises() => RunAsync(Random.Shared.Next());

    private async Task RunAsync(int seed)
    {
        var report = await SessionFuzz.RunAsync(new FuzzOptions(Packets, seed));
        output.WriteLine($"seed {seed}: {report.Packets} packets on {report.Connections} connections, {report.Accepted} of them let in");
        Assert.True(report.Findings.Count == 0, $"Seed {seed}:\n{string.Join('\n', report.Findings)}");

        // That it got anywhere at all.
        Assert.True(report.Packets >= Packets && report.Mutated > Packets / 5 && report.Accepted > report.Connections / 2, $"Seed {seed}: {report}");
    }
}
