using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Mqtt;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>
/// Acknowledgements of device messages on their way to the devices' grains. Some calls are under way at a time, so that a silo that does not answer does not hold
/// up all; what comes meanwhile travels together in the next one: alone an acknowledgement is not held up, in a crowd it costs a part of a call. Kept until its
/// grain has it. Full action: the oldest is given up and counted; its device gets the message again.
/// </summary>
internal sealed partial class AcknowledgementLane(IGrainFactory grains, GatewayInstruments instruments, TimeProvider time, ILogger logger)
{
    private const int WaitingMax = 65_536;
    private const int BatchLengthMax = 512;
    private const int CallsMax = 32;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private int _calls;

    /// <summary>Called with a connection whose grain does not know it.</summary>
    public Action<MqttConnection>? Forgotten { get; set; }

    /// <summary>A device acknowledged messages.</summary>
    public void Add(MqttConnection connection, IDeviceGrain device, AcknowledgeRequest request)
    {
        var waiting = new Waiting(connection, device, request);
        lock (_gate)
        {
            if (_calls == CallsMax)
            {
                EnqueueLocked(waiting);
                return;
            }

            _calls++;
        }

        _ = RunAsync(waiting);
    }

    private void EnqueueLocked(Waiting waiting)
    {
        waiting.Connection.Session!.AwaitConfirmation(waiting.Request.MessageIds);
        if (_waiting.Count >= WaitingMax)
        {
            Confirm(_waiting.Dequeue());
            instruments.AcknowledgementsDropped(1);
            instruments.AcknowledgementQueue(-1);
        }

        _waiting.Enqueue(waiting);
        instruments.AcknowledgementQueue(1);
    }

    private async Task RunAsync(Waiting first)
    {
        await SendOneAsync(first).ConfigureAwait(false);
        var batch = new List<Waiting>();
        var isOnCallersThread = true;
        while (Take(batch))
        {
            if (isOnCallersThread)
            {
                // What others add must not keep the first one's thread.
                await Task.Yield();
                isOnCallersThread = false;
            }

            await (batch.Count == 1 ? SendOneAsync(batch[0]) : SendAsync(batch)).ConfigureAwait(false);
        }
    }

    private bool Take(List<Waiting> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            while (batch.Count < BatchLengthMax && _waiting.TryDequeue(out var next))
            {
                batch.Add(next);
            }

            instruments.AcknowledgementQueue(-batch.Count);
            _calls -= batch.Count == 0 ? 1 : 0;
            return batch.Count > 0;
        }
    }

    private async Task SendOneAsync(Waiting waiting)
    {
        try
        {
            var call = waiting.Device.AcknowledgeAsync(waiting.Request);
            if (!call.IsCompletedSuccessfully)
            {
                waiting.Connection.Session!.AwaitConfirmation(waiting.Request.MessageIds);
            }

            Answered(waiting, await call.ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception, 1);
            Answered(waiting, AttachmentStanding.Unreachable);
        }
    }

    private async Task SendAsync(List<Waiting> batch)
    {
        try
        {
            var request = new AcknowledgeBatch([.. batch.Select(static waiting => new DeviceAcknowledgement(waiting.Connection.Session!.Device, waiting.Request))]);
            var reply = await grains.GetGrain<IAcknowledgementsGrain>(IAcknowledgementsGrain.GrainKey).AcknowledgeAsync(request).ConfigureAwait(false);
            for (var i = 0; i < batch.Count; i++)
            {
                Answered(batch[i], reply.Standings[i]);
            }
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception, batch.Count);
            foreach (var waiting in batch)
            {
                Answered(waiting, AttachmentStanding.Unreachable);
            }
        }
    }

    private static void Confirm(Waiting waiting) => waiting.Connection.Session!.Confirmed(waiting.Request.MessageIds);

    private void Answered(Waiting waiting, AttachmentStanding standing)
    {
        if (standing != AttachmentStanding.Unreachable)
        {
            Confirm(waiting);
        }

        switch (standing)
        {
            case AttachmentStanding.Unknown:
                Forgotten?.Invoke(waiting.Connection);
                break;
            case AttachmentStanding.Superseded:
                waiting.Connection.Disconnect(ReasonCode.SessionTakenOver);
                break;
            case AttachmentStanding.Unreachable:
                _ = AddLaterAsync(waiting);
                break;
            default:
                break;
        }
    }

    private async Task AddLaterAsync(Waiting waiting)
    {
        await Task.Delay(RetryInterval, time).ConfigureAwait(false);
        Add(waiting.Connection, waiting.Device, waiting.Request);
    }

    [LoggerMessage(4304, LogLevel.Information, "{Count} acknowledgements of device messages could not be handed on; they are tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, int count);

    private readonly record struct Waiting(MqttConnection Connection, IDeviceGrain Device, AcknowledgeRequest Request);
}
