using FsCheck;
using Xunit.Abstractions;

namespace IotPlatform.Mqtt.Tests.Properties;

/// <summary>Where random tests start from: each runs with fixed seeds, and with a new one that is printed.</summary>
internal static class Seeds
{
    private static readonly ulong[] Fixed = [1, 42, 20_260_101];

    /// <summary>Runs a property with every seed; a failure names its seed.</summary>
    public static void Check(this Property property, ITestOutputHelper output, int maxTest)
    {
        foreach (var seed in Each(output))
        {
            // The second half of a replay must be odd.
            var replay = new Replay(new Rnd(seed, 1), null);
            Check(property, Config.QuickThrowOnFailure.WithReplay(replay).WithMaxTest(maxTest).WithQuietOnSuccess(true));
        }
    }

    /// <summary>The fixed seeds and a new one, printed.</summary>
    public static IEnumerable<ulong> Each(ITestOutputHelper output)
    {
        foreach (var seed in Fixed.Append((ulong)Random.Shared.NextInt64()))
        {
            output.WriteLine($"seed {seed}");
            yield return seed;
        }
    }

    private static void Check(Property property, Config config) => FsCheck.Check.One(config, property);
}
