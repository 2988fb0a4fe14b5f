using System.Globalization;
using System.Text.RegularExpressions;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Broadcasts;

/// <summary>As many devices as one process can hold sockets for here.</summary>
[Collection(nameof(LargeFleetCollection))]
public sealed partial class LargeFleetTests
{
    private const int DeviceCount = 10_000;
    private const int BroadcastCount = 30;
    private const int ConnectsAtOnce = 200;

    /// <summary>Files that a process needs beside its sockets to the devices.</summary>
    private const int OtherFiles = 1_000;

    private static readonly TimeSpan FleetPatience = TimeSpan.FromSeconds(90);

    [SkippableFact]
    public async Task Broadcasts_ToTenThousandDevices_ReachEachExactlyOnceAndTheReceiptSaysSo()
    {
        var files = OpenFilesMax();
        Skip.If(files < DeviceCount + OtherFiles, $"A process may open {files} files here; {DeviceCount + OtherFiles} are needed.");
        await using var gateway = await GatewayProcess.StartAsync();
        using var fleet = new Fleet();
        await fleet.ConnectAsync(gateway);

        var messageIds = new long[BroadcastCount];
        for (var number = 0; number < BroadcastCount; number++)
        {
            var answer = await gateway.Api.BroadcastAsync("demo", number.ToString(CultureInfo.InvariantCulture));
            BroadcastTests.AssertTally(answer, targeted: DeviceCount, written: DeviceCount);
            messageIds[number] = answer.Number("messageId");
        }

        // An answer on each connection says that what was written before it has been read.
        await fleet.PingAsync();
        foreach (var device in fleet.Devices)
        {
            Assert.Equal(messageIds, device.MessageIds.ToArray());
            Assert.Equal(0, device.Surplus);
        }

        foreach (var messageId in messageIds)
        {
            BroadcastTests.AssertTally(await gateway.Api.GetAsync($"/v1/products/demo/broadcasts/{messageId}"), targeted: DeviceCount, written: DeviceCount);
        }
    }

    private static int OpenFilesMax()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        var match = OpenFiles().Match(File.ReadAllText("/proc/self/limits"));
        return match.Groups["hard"].Value == "unlimited" ? int.MaxValue : int.Parse(match.Groups["hard"].Value, CultureInfo.InvariantCulture);
    }

    // The runtime raises its own soft limit to the hard one.
    [GeneratedRegex(@"Max open files\s+\S+\s+(?<hard>\S+)")]
    private static partial Regex OpenFiles();

    private sealed class Fleet : IDisposable
    {
        public FleetDevice[] Devices { get; } = [.. Enumerable.Range(0, DeviceCount).Select(static i =>
            new FleetDevice(new Device("demo", $"fleet-{i:D5}", "any"), i % 2 == 0 ? ProtocolVersion.Mqtt500 : ProtocolVersion.Mqtt311, BroadcastCount))];

        public Task ConnectAsync(GatewayProcess gateway) => Deadline.WithinAsync(
            Parallel.ForEachAsync(Devices, new ParallelOptions { MaxDegreeOfParallelism = ConnectsAtOnce }, async (device, _) => await device.ConnectAsync(gateway.Mqtt)),
            $"{DeviceCount} connections",
            FleetPatience);

        public Task PingAsync() => Deadline.WithinAsync(Task.WhenAll(Devices.Select(static device => device.PingAsync())), $"{DeviceCount} answers", FleetPatience);

        public void Dispose()
        {
            foreach (var device in Devices)
            {
                device.Dispose();
            }
        }
    }
}
