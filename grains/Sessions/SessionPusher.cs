using System.Collections.Immutable;
using IotPlatform.Gateways;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Sessions;

/// <summary>
/// Sends what sessions of a shard have for their clients to one shard of a gateway: at most one call is under way, what comes meanwhile travels together in the
/// next one. Bounded by what each client takes unacknowledged. Runs in its grain's turns.
/// </summary>
internal sealed partial class SessionPusher(IGatewayObserver observer, SessionServices services, Action<StoredSession, List<QueuedMessage>> drop)
{
    private const int MessagesMax = 1_000;
    private const int BytesMax = 1 << 20;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly Queue<(StoredSession Session, SessionConnection Connection)> _waiting = new();
    private bool _isBusy;

    public IGatewayObserver Observer => observer;

    /// <summary>A session may have something to send.</summary>
    public void Add(StoredSession session, SessionConnection connection)
    {
        if (connection.IsWaiting || !connection.IsResumed)
        {
            return;
        }

        connection.IsWaiting = true;
        _waiting.Enqueue((session, connection));
        if (!_isBusy)
        {
            _isBusy = true;
            _ = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        // What is added in the present turn travels together.
        await Task.Yield();
        var batch = new List<(StoredSession Session, SessionConnection Connection, SessionPush Push)>();
        while (_waiting.Count > 0)
        {
            Take(batch);
            if (batch.Count > 0 && !await TrySendAsync(batch))
            {
                await Task.Delay(RetryInterval, services.Time);
            }
        }

        _isBusy = false;
    }

    private void Take(List<(StoredSession, SessionConnection, SessionPush)> batch)
    {
        batch.Clear();
        var (count, bytes) = (0, 0L);
        while (count < MessagesMax && bytes < BytesMax && _waiting.TryDequeue(out var next))
        {
            next.Connection.IsWaiting = false;
            if (next.Session.Connection != next.Connection)
            {
                continue;
            }

            var messages = ImmutableArray.CreateBuilder<PushedMessage>();
            List<QueuedMessage>? expired = null;
            while (count < MessagesMax && bytes < BytesMax
                && next.Session.Queue.TakeNext(next.Connection.ReceiveMaximum, services.Time.GetUtcNow(), ref expired) is { } message)
            {
                messages.Add(ToPush(message));
                count++;
                bytes += message.Bytes;
            }

            if (expired is not null)
            {
                services.Instruments.Dropped("expired", expired.Count);
                drop(next.Session, expired);
            }

            if (messages.Count > 0)
            {
                batch.Add((next.Session, next.Connection, new SessionPush(next.Connection.Attachment.ConnectionId, next.Session.Order, messages.ToImmutable())));

                // It may have more than there was room for.
                Add(next.Session, next.Connection);
            }
        }
    }

    private static PushedMessage ToPush(QueuedMessage message) =>
        message.IsReleased
            ? new PushedMessage(message.Sequence, Message: null, (int)message.QoS, IsRetain: false, default, message.IsDuplicate)
            : new PushedMessage(
                message.Sequence, message.Copy!.Message, (int)message.QoS, message.Copy.IsRetain, message.Copy.Identifiers, message.IsDuplicate);

    private async Task<bool> TrySendAsync(List<(StoredSession Session, SessionConnection Connection, SessionPush Push)> batch)
    {
        try
        {
            var reply = await observer.PushAsync(new SessionPushBatch([.. batch.Select(static entry => entry.Push)]));
            for (var i = 0; i < batch.Count; i++)
            {
                if (!reply.Taken[i] && batch[i].Session.Connection == batch[i].Connection)
                {
                    // Its gateway says soon that it is gone.
                    batch[i].Connection.IsResumed = false;
                    batch[i].Session.Queue.Unsend(wasTaken: false);
                }
            }

            return true;
        }
        catch (Exception exception)
        {
            LogFailed(services.Logger, exception, batch.Count);
            foreach (var (session, connection, _) in batch)
            {
                if (session.Connection == connection)
                {
                    session.Queue.Unsend(wasTaken: true);
                    Add(session, connection);
                }
            }

            return false;
        }
    }

    [LoggerMessage(3501, LogLevel.Information, "Messages for {Count} sessions could not be handed to their gateway; they are tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, int count);
}
