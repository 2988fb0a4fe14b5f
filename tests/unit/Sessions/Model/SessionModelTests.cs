namespace IotPlatform.Unit.Tests.Sessions.Model;

/// <summary>Sessions under random clients, against what those must see.</summary>
public sealed class SessionModelTests
{
    private const int Runs = 400;
    private const int Steps = 80;

    [Fact]
    public async Task RandomClients_WhateverTheyDo_SeeExactlyWhatTheyMust()
    {
        var first = Random.Shared.Next(int.MaxValue - Runs);
        for (var seed = first; seed < first + Runs; seed++)
        {
            await using var model = new SessionModel(seed);
            try
            {
                await model.RunAsync(Steps);
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}: {exception}\n{string.Join('\n', model.History)}");
            }
        }
    }
}
