using System.Globalization;

namespace IotPlatform.E2e.Tests.Durability.Life;

/// <summary>How often processes are killed under load, and when. <c>IOT_KILL_ROUNDS</c> asks for more rounds than the regular run has.</summary>
internal static class KillRounds
{
    /// <summary>How many rounds there are, where the regular run has <paramref name="regular"/>.</summary>
    public static int Count(int regular) =>
        Environment.GetEnvironmentVariable("IOT_KILL_ROUNDS") is { Length: > 0 } rounds ? int.Parse(rounds, CultureInfo.InvariantCulture) : regular;

    /// <summary>A moment somewhere in the load.</summary>
    public static Task SomewhereAsync(int millisecondsMax) => Task.Delay(Random.Shared.Next(millisecondsMax));
}
