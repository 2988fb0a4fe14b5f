using System.Globalization;
using IotPlatform.Unit.Tests.Storage;

namespace IotPlatform.Unit.Tests.Devices.Life;

/// <summary>
/// Messages of random devices, from the send to the end, against what must hold whatever happens. <c>IOT_LIFE_RUNS</c> asks for more lives than the regular run has,
/// and <c>IOT_LIFE_SEED</c> for the one that a failure named.
/// </summary>
public sealed class MessageLifeTests
{
    private const int Steps = 120;

    private static readonly int Runs = Setting("IOT_LIFE_RUNS") ?? 100;

    [Fact]
    public async Task RandomLives_WhateverHappens_EndEveryAcceptedMessageOnce()
    {
        await using var disk = new SqliteHost(isDurable: false);
        var first = Setting("IOT_LIFE_SEED") ?? Random.Shared.Next(int.MaxValue - Runs);
        for (var seed = first; seed < first + Runs; seed++)
        {
            await using var life = new DeviceLife(seed, disk);
            try
            {
                await life.RunAsync(Steps);
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}: {exception}\n{string.Join('\n', life.History)}");
            }
        }
    }

    private static int? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : null;
}
