using System.Collections.Immutable;
using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <content>How the device's messages go out.</content>
internal sealed partial class DeviceGrain
{
    private Task _delivering = Task.CompletedTask;
    private bool _deliverAgain;
    private IGrainTimer? _timer;

    /// <summary>Writes what is due, until nothing is. One run at a time; who comes meanwhile waits for the run that includes his message.</summary>
    private Task DeliverAsync()
    {
        if (!_delivering.IsCompleted)
        {
            _deliverAgain = true;
            return _delivering;
        }

        if (Online is not { IsReady: true } || _mailbox!.Count == 0)
        {
            return Task.CompletedTask;
        }

        return _delivering = DeliverDueAsync();
    }

    private async Task DeliverDueAsync()
    {
        try
        {
            var due = new List<OpenMessage>();
            do
            {
                _deliverAgain = false;
                _mailbox!.TakeDue(Now, due);
                StoreChanges();
                if (due.Count > 0 && Online is { IsReady: true } connection)
                {
                    // Not "|=", which would forget who came while it waited.
                    if (await WriteAsync(connection, due))
                    {
                        _deliverAgain = true;
                    }

                    StoreChanges();
                }
            }
            while (_deliverAgain);
        }
        finally
        {
            ArmTimer();
        }
    }

    /// <returns>Whether the connection takes more.</returns>
    private async Task<bool> WriteAsync(LiveConnection connection, List<OpenMessage> due)
    {
        DeliverReply reply;
        try
        {
            reply = await services.Deliveries.DeliverAsync(
                connection.Observer, new DeliverRequest(connection.Attachment.ConnectionId, Deliveries(due, connection), connection.Generation));
        }
        catch (Exception exception)
        {
            LogDeliveryFailed(services.Logger, exception, Id);
            if (exception is not NotTriedException)
            {
                MayHaveBeenSent(due);
            }

            _mailbox!.WriteFailed(Now);
            return false;
        }

        if (connection == _connection && connection.IsOnline)
        {
            return Apply(due, reply.Outcomes);
        }

        // A takeover while the gateway wrote: the new connection gets them all again.
        MayHaveBeenSent(due);
        return false;
    }

    private static void MayHaveBeenSent(List<OpenMessage> due)
    {
        foreach (var open in due)
        {
            open.MayHaveBeenSent = true;
        }
    }

    private bool Apply(List<OpenMessage> due, ImmutableArray<DeliveryOutcome> outcomes)
    {
        var now = Now;
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (_mailbox!.Wrote(due[i], outcomes[i], now))
            {
                continue;
            }

            if (outcomes[i] == DeliveryOutcome.NotOpen)
            {
                // It may have opened while this answer was on its way.
                _connection!.IsReady = _connection.HasOpened;
                return _connection.IsReady;
            }

            if (outcomes[i] == DeliveryOutcome.NotConnected)
            {
                Disconnected();
            }

            return false;
        }

        return true;
    }

    private static ImmutableArray<Delivery> Deliveries(List<OpenMessage> due, LiveConnection connection)
    {
        var deliveries = ImmutableArray.CreateBuilder<Delivery>(due.Count);
        foreach (var open in due)
        {
            deliveries.Add(ToDelivery(open, connection));
        }

        return deliveries.MoveToImmutable();
    }

    // [MQTT-3.3.1-1] DUP says that it may have been sent before in the session: also where nobody could note that.
    private static Delivery ToDelivery(OpenMessage open, LiveConnection connection) => new(
        open.Accepted.MessageId, open.Accepted.Topic, open.Accepted.Payload, open.Accepted.QoS,
        IsDuplicate: open.Progress.Attempts > 0 || (open.MayHaveBeenSent && connection.GoesOn), open.Accepted.NeedsSubscription);

    /// <summary>One timer a device, armed only while something is to be done that no event will bring.</summary>
    private void ArmTimer()
    {
        var now = Now;
        if (_mailbox!.NextDueAt(now) is not { } dueAt)
        {
            _timer?.Dispose();
            _timer = null;
            return;
        }

        var dueTime = dueAt > now ? dueAt - now : TimeSpan.Zero;
        if (_timer is null)
        {
            _timer = this.RegisterGrainTimer(DeliverAsync, new GrainTimerCreationOptions
            {
                DueTime = dueTime,
                Period = Timeout.InfiniteTimeSpan,
                Interleave = true,
            });
        }
        else
        {
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }
}
