namespace IotPlatform.Unit.Tests.Devices;

/// <summary>The mailbox under random events, against what must hold whatever happens.</summary>
public sealed class MailboxModelTests
{
    private const int Runs = 400;
    private const int Steps = 250;

    [Fact]
    public void RandomLives_WhateverHappens_KeepTheInvariants()
    {
        var first = Random.Shared.Next();
        for (var seed = first; seed < first + Runs; seed++)
        {
            try
            {
                new MailboxModel(seed).Run(Steps);
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}: {exception}");
            }
        }
    }
}
