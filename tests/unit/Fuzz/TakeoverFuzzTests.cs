using IotPlatform.Fuzz;
using Xunit.Abstractions;

namespace IotPlatform.Unit.Tests.Fuzz;

[Collection(FuzzCollection.Name)]
[Trait("Category", "Fuzz")]
public sealed class TakeoverFuzzTests(ITestOutputHelper output)
{
    private const int Rounds = 150;

    [Fact]
    public Task Takeovers_AtRandom_LeaveOneLive_AndLoseNothing() => RunAsync(seed: 20_261_121);

    [Fact]
    public Task Takeovers_AtRandom_WithANewSeed_LeaveOneLive_AndLoseNothing() => RunAsync(Random.Shared.Next());

    private async Task RunAsync(int seed)
    {
        output.WriteLine($"seed {seed}");
        var findings = await TakeoverFuzz.RunAsync(Rounds, seed);
        Assert.True(findings.Count == 0, $"Seed {seed}:\n{string.Join('\n', findings)}");
    }
}
