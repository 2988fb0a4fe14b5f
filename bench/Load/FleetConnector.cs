using System.Diagnostics;

namespace IotPlatform.Bench.Load;

/// <summary>Brings the devices of a fleet online.</summary>
internal static class FleetConnector
{
    // So many connects before the next look at what the server has answered.
    private const int StartsPerTurn = 32;

    /// <summary>
    /// Connects the next devices until so many are online, with at most <paramref name="connectingMax"/> on their way at a time; what fails is a fault.
    /// </summary>
    public static void Connect(LoadLoop loop, DeviceFleet fleet, int upTo, int connectingMax, TimeSpan patience, Faults faults)
    {
        var lastEventAt = Stopwatch.GetTimestamp();
        while (fleet.Online < upTo && faults.Count == 0)
        {
            for (var count = 0; count < StartsPerTurn && MayStart(fleet, upTo, connectingMax); count++)
            {
                fleet.StartNext();
            }

            var mayStart = MayStart(fleet, upTo, connectingMax);
            if (loop.Turn(fleet, null, mayStart ? 0 : 100) || mayStart)
            {
                lastEventAt = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(lastEventAt) > patience)
            {
                faults.Add($"only {fleet.Online} of {upTo} devices came online");
            }
        }
    }

    private static bool MayStart(DeviceFleet fleet, int upTo, int connectingMax) =>
        fleet.Started < upTo && fleet.Started - fleet.Online < connectingMax;
}
