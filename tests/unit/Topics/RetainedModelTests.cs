namespace IotPlatform.Unit.Tests.Topics;

/// <summary>Retained messages under random clients, against a dictionary.</summary>
public sealed class RetainedModelTests
{
    private const int Runs = 20;
    private const int Steps = 150;

    [Fact]
    public async Task RandomClients_WhateverTheyDo_FindWhatWasRetainedLast()
    {
        var first = Random.Shared.Next();
        for (var seed = first; seed < first + Runs; seed++)
        {
            await using var model = new RetainedModel(seed);
            try
            {
                await model.RunAsync(Steps);
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}: {exception}");
            }
        }
    }
}
