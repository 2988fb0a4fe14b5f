using IotPlatform.E2e.Tests.Durability.Life;
using IotPlatform.E2e.Tests.Gateways;
using Xunit.Abstractions;

namespace IotPlatform.E2e.Tests.Durability;

/// <summary>The whole history of device messages through kills of the one process that there is, round after round on the same data.</summary>
public sealed class MessageHistoryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Gateway_KilledAgainAndAgainUnderLoad_KeepsEveryMessagesHistory()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var load = await MessageLoad.CreateAsync([gateway]);
        var rounds = KillRounds.Count(regular: 4);
        for (var round = 1; round <= rounds; round++)
        {
            await load.RunRoundAsync(
                async () =>
                {
                    await load.UntilAcceptedAsync(Random.Shared.Next(1, 200), "before the kill");
                    await KillRounds.SomewhereAsync(300);
                    gateway.Kill();
                    await gateway.StartAsync();
                    await load.UntilAcceptedAsync(100, "after the kill");
                },
                output,
                $"round {round} of {rounds}");
        }
    }
}
