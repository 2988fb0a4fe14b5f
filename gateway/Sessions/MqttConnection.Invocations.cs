using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Sessions;

/// <content>Requests to its client that somebody waits for, and the client's answers.</content>
internal sealed partial class MqttConnection
{
    /// <summary>What a trace is told of an answer that nobody waits for.</summary>
    private const string LateAnswer = "late_answer";

    /// <summary>Sends a request to its client, and waits for the answer.</summary>
    /// <param name="requestId">Names it in the client's topics.</param>
    /// <param name="request">The request.</param>
    /// <param name="waitingMax">Requests that may wait for the client.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<Reply<InvocationResult>> InvokeAsync(string requestId, InvokeDevice request, int waitingMax, CancellationToken cancellationToken)
    {
        var session = _session!;
        var waiting = Seldom.OpenInvocations();
        var invocation = new PendingInvocation(requestId);
        if (!waiting.TryAdd(invocation, waitingMax))
        {
            return Refusal.ResourceExhausted($"{waitingMax} calls wait for {session.Device}.");
        }

        try
        {
            // It waits already: the answer may come while this is being written, and whoever ends the connection finds it.
            var began = services.Time.GetTimestamp();
            var outcome = session.Invoke(this, new InvocationMessage(session.Device, requestId, request));
            if (outcome != DeliveryOutcome.Written)
            {
                return NotInvoked(session.Device, requestId, outcome);
            }

            var (end, payload) = await invocation.WhenEndedAsync(request.Timeout, services.Time, cancellationToken).ConfigureAwait(false);
            return new InvocationResult(requestId, end, payload, services.Time.GetElapsedTime(began));
        }
        finally
        {
            waiting.Remove(invocation);
        }
    }

    private Reply<InvocationResult> NotInvoked(DeviceId device, string requestId, DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.TooLarge => Refusal.FailedPrecondition($"The request is larger than {device} takes (Maximum Packet Size {MaximumPacketSize})."),
        DeliveryOutcome.Full => Refusal.ResourceExhausted($"{device} does not take what it has been sent before."),
        _ => new InvocationResult(requestId, InvocationOutcome.Offline, default, TimeSpan.Zero),
    };

    /// <summary>Its client answers a request: that goes to whoever waits for it, and nowhere else.</summary>
    /// <param name="packet">The answer.</param>
    /// <param name="requestId">The request that its topic names; empty: none.</param>
    /// <param name="isKnown">At QoS 2, completes when the answer may be acknowledged; null: at once.</param>
    private ValueTask<ReasonCode> TakeAnswer(in PublishPacket packet, ReadOnlySpan<byte> requestId, Task? isKnown)
    {
        // Section 4.10.1: it is the correlation data that says which request an answer is to.
        var id = packet.Properties.HasCorrelationData ? packet.Properties.CorrelationData : requestId;
        var reason = ReasonCode.Success;
        if (_seldom?.Invocations?.TryAnswer(id, packet.Payload) != true)
        {
            services.Instruments.AnsweredLate();
            _trace?.Dropped(LateAnswer, packet.Topic, 1);
            reason = ReasonCode.NoMatchingSubscribers;
        }

        return isKnown is null or { IsCompletedSuccessfully: true } ? new(reason) : WhenKnownAsync(isKnown, reason);
    }

    private static async ValueTask<ReasonCode> WhenKnownAsync(Task isKnown, ReasonCode reason)
    {
        await isKnown.ConfigureAwait(false);
        return reason;
    }
}
