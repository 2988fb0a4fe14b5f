using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace IotPlatform.Devices;

/// <summary>Hands on acknowledgements. Reentrant: batches share nothing.</summary>
[Reentrant, StatelessWorker]
internal sealed partial class AcknowledgementsGrain(ILogger<AcknowledgementsGrain> logger) : Grain, IAcknowledgementsGrain
{
    public async Task<AcknowledgeBatchReply> AcknowledgeAsync(AcknowledgeBatch batch)
    {
        var calls = new Task<AttachmentStanding>[batch.Acknowledgements.Length];
        for (var i = 0; i < calls.Length; i++)
        {
            calls[i] = AcknowledgeAsync(batch.Acknowledgements[i]);
        }

        return new AcknowledgeBatchReply([.. await Task.WhenAll(calls)]);
    }

    private async Task<AttachmentStanding> AcknowledgeAsync(DeviceAcknowledgement acknowledgement)
    {
        try
        {
            return await GrainFactory.GetGrain<IDeviceGrain>(acknowledgement.Device.GrainKey).AcknowledgeAsync(acknowledgement.Request);
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception, acknowledgement.Device);
            return AttachmentStanding.Unreachable;
        }
    }

    [LoggerMessage(3006, LogLevel.Debug, "{Device}: an acknowledgement could not be handed on; its gateway repeats it")]
    private static partial void LogFailed(ILogger logger, Exception exception, DeviceId device);
}
