using System.Text;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Sessions;
using IotPlatform.Topics;

namespace IotPlatform.Routing;

/// <summary>
/// Publishes what has to be retained, and what must not overtake it. A message is retained first, durably, and routed then: whoever subscribes at any moment
/// finds it retained or is reached by it, and what is refused has reached nobody.
/// </summary>
internal sealed class RetainedPublisher(Router router, RetainedLanes lanes, TimeProvider time)
{
    /// <summary>Publishes a packet, behind what its session has published before.</summary>
    /// <param name="from">Who published it; null for the server itself.</param>
    /// <param name="packet">What was published; its memory is the caller's.</param>
    /// <param name="answer">How the publisher learns that it was not taken.</param>
    /// <param name="taken">Completes when it may be sent on at all; null: at once.</param>
    /// <param name="publishId">What all copies of a QoS 2 message are known by; 0 where there are no others.</param>
    /// <returns>Its reason code. <see cref="ReasonCode.UnspecifiedError"/> where it could not be retained.</returns>
    public ValueTask<ReasonCode> PublishAsync(Session? from, in PublishPacket packet, PublishAnswer answer, Task? taken = null, long publishId = 0)
    {
        var kept = new KeptPublish(packet, time);
        if (taken is not null && from is not null)
        {
            from.LastTaken = taken;
        }

        // What is retained is so in the order of the client's packets.
        var first = packet.Retain ? from?.LastTaken : taken;
        var routed = RouteAsync(from, kept, first, from?.LastPublish, answer, publishId);
        if (from is not null)
        {
            from.LastPublish = routed;
        }

        return WhenAcceptedAsync(routed);
    }

    /// <summary>Publishes the will of a client that is lost, behind what it has published.</summary>
    public ValueTask<ReasonCode> PublishAsync(Session? from, DeviceWill will)
    {
        PublishProperties.TryParse(will.Properties.Span, Sender.Client, out var properties, out _);
        var packet = new PublishPacket
        {
            Topic = Encoding.UTF8.GetBytes(will.Topic),
            Payload = will.Payload.Span,
            Properties = properties,
            Flags = new PublishFlags((QoS)will.QoS, will.Retain),
        };
        return PublishAsync(from, packet, PublishAnswer.None);
    }

    private static async ValueTask<ReasonCode> WhenAcceptedAsync(Task<PublishOutcome> routed)
    {
        var outcome = await routed.ConfigureAwait(false);
        return await outcome.WhenAcceptedAsync().ConfigureAwait(false);
    }

    private async Task<PublishOutcome> RouteAsync(Session? from, KeptPublish kept, Task? taken, Task? before, PublishAnswer answer, long publishId)
    {
        if (taken is { IsCompletedSuccessfully: false })
        {
            // A failure of it fails this one: then nobody knows what is kept.
            await taken.ConfigureAwait(false);
        }

        var outcome = kept.Retain
            ? await lanes.ApplyAsync(kept.ToChange(time.GetUtcNow(), clearsWhenRefused: answer != PublishAnswer.ReasonCode)).ConfigureAwait(false)
            : RetainedOutcome.Done;
        if (before is not null)
        {
            // [MQTT-4.6.0-5] In the order of the client's packets, whichever shard answers first.
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return RefusalOf(outcome, answer) is { } refusal
            ? new PublishOutcome(refusal, null)
            : router.Publish(from, kept.ToPacket(), publishId, kept.Expiry);
    }

    // Who can be told is told, and nothing else happens. Who can not be told loses as little as can be: a bound costs the message its being retained, a store
    // that fails costs a 3.1.1 client its connection, because it sends again what was not acknowledged.
    private static ReasonCode? RefusalOf(RetainedOutcome outcome, PublishAnswer answer) => outcome switch
    {
        RetainedOutcome.Refused when answer == PublishAnswer.ReasonCode => ReasonCode.QuotaExceeded,
        RetainedOutcome.Failed when answer != PublishAnswer.None => ReasonCode.UnspecifiedError,
        _ => null,
    };
}
