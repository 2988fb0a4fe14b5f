using System.Diagnostics;

namespace IotPlatform.Bench.Load;

/// <summary>Brings a fleet online and, where wanted, takes it down again.</summary>
internal static class FleetConnector
{
    // So many connects before the next look at what the server has answered.
    private const int StartsPerTurn = 32;

    /// <summary>Connects all devices with at most <paramref name="connectingMax"/> on their way at a time; what fails is a fault.</summary>
    public static void ConnectAll(LoadLoop loop, DeviceFleet fleet, int connectingMax, TimeSpan patience, Faults faults)
    {
        var lastEventAt = Stopwatch.GetTimestamp();
        while (fleet.Online < fleet.Count && faults.Count == 0)
        {
            for (var count = 0; count < StartsPerTurn && fleet.Started < fleet.Count && fleet.Started - fleet.Online < connectingMax; count++)
            {
                fleet.StartNext();
            }

            var mayStart = fleet.Started < fleet.Count && fleet.Started - fleet.Online < connectingMax;
            if (loop.Turn(fleet, null, mayStart ? 0 : 100) || mayStart)
            {
                lastEventAt = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(lastEventAt) > patience)
            {
                faults.Add($"only {fleet.Online} of {fleet.Count} devices came online");
            }
        }
    }

    /// <summary>Connects and disconnects some devices that no measurement counts, so that the server has compiled and loaded what connecting needs.</summary>
    public static void WarmUp(LoadLoop loop, FleetOptions options, TimeSpan patience, Faults faults)
    {
        using var fleet = new DeviceFleet(options, loop.Devices, faults);
        ConnectAll(loop, fleet, connectingMax: 64, patience, faults);
        fleet.DisconnectAll();
    }
}
