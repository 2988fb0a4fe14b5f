namespace IotPlatform.Bench.Load;

/// <summary>A fixed rate of messages to devices of which some do not read.</summary>
/// <param name="Devices">All of them.</param>
/// <param name="Stalled">Those that do not read.</param>
/// <param name="PerSecond">Messages to all in a second.</param>
/// <param name="Duration">How long that is measured.</param>
/// <param name="PayloadBytes">Bytes of each.</param>
/// <param name="PrefillBytes">Bytes for each device before the measurement, more than fits in front of one that does not read.</param>
/// <param name="Topic">Where all are subscribed at QoS 0; null for broadcasts of a service.</param>
internal sealed record SlowLoad(int Devices, int Stalled, int PerSecond, TimeSpan Duration, int PayloadBytes, int PrefillBytes, byte[]? Topic)
{
    public static TimeSpan Patience => TimeSpan.FromSeconds(15);
}
