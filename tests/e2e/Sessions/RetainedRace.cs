using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Sessions;

/// <summary>One client retains a growing number while others subscribe, each at another moment: what they see never goes back, and ends with the last.</summary>
internal static class RetainedRace
{
    private const int Last = 400;

    /// <param name="publisher">Who retains.</param>
    /// <param name="devices">Who subscribe.</param>
    /// <param name="gateways">Where they connect, in turn.</param>
    public static async Task RunAsync(RawClient publisher, Device[] devices, IPEndPoint[] gateways)
    {
        var topic = $"race/{devices[0].Name}";
        var reached = devices.Select(static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var subscribing = devices.Select((device, i) => SeeAsync(gateways[i % gateways.Length], device, topic, reached[i].Task, i)).ToArray();
        for (var number = 1; number <= Last; number++)
        {
            Assert.False((await publisher.PublishAsync(topic, $"{number}", QoS.AtLeastOnce, retain: true)).IsFailure());

            // The first subscribe before there is anything, the last when all of it is there.
            var due = number * (devices.Length - 1) / Last;
            for (var i = 0; i <= due; i++)
            {
                reached[i].TrySetResult();
            }
        }

        await Task.WhenAll(subscribing);
    }

    private static async Task SeeAsync(IPEndPoint gateway, Device device, string topic, Task isTime, int index)
    {
        await using var subscriber = await RawClient.ConnectAsync(gateway, device.Connect(index % 2 == 0 ? ProtocolVersion.Mqtt500 : ProtocolVersion.Mqtt311));
        await isTime;
        await subscriber.SubscribeAsync(index % 3 == 0 ? $"{topic}/#" : topic, QoS.AtLeastOnce);
        var seen = 0;
        while (seen < Last)
        {
            var message = await subscriber.ReceiveAsync($"subscriber {index}: what follows {seen}");
            var number = int.Parse(message.Text);
            Assert.True(number >= seen, $"subscriber {index} saw {number} after {seen}, RETAIN {message.IsRetained}");
            seen = number;
        }

        await subscriber.PingAsync();
        while (subscriber.TryReceive(out var late))
        {
            Assert.Equal($"{Last}", late!.Text);
        }
    }
}
