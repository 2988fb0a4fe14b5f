using IotPlatform.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IotPlatform.StatusEvents;

/// <summary>What all pushes of a silo share.</summary>
internal sealed partial class StatusPushServices(
    IStatusPushStore store,
    StatusEventReader reader,
    StatusPushClient client,
    StatusPushInstruments instruments,
    IOptions<StatusPushOptions> options,
    TimeProvider time,
    ILogger<StatusPushServices> logger)
{
    public IStatusPushStore Store => store;

    public StatusEventReader Reader => reader;

    public StatusPushClient Client => client;

    public StatusPushInstruments Instruments => instruments;

    public StatusPushOptions Options => options.Value;

    public TimeProvider Time => time;

    public void FoundGap(StatusPush push, StatusEventPosition position)
    {
        instruments.Gap();
        LogGap(logger, push.Id, position.ToString());
    }

    public void Parked(StatusPush push, string? failure)
    {
        instruments.Parked();
        LogParked(logger, push.Id, push.Url, failure);
    }

    public void Interrupted(StatusPush push, Exception exception) => LogInterrupted(logger, exception, push.Id);

    [LoggerMessage(3701, LogLevel.Warning, "Push {PushId} comes too late for some events: what followed {Position} is not kept any more")]
    private static partial void LogGap(ILogger logger, string pushId, string position);

    [LoggerMessage(3702, LogLevel.Warning, "Push {PushId} to {Url} is parked: it took nothing for too long. {Failure}")]
    private static partial void LogParked(ILogger logger, string pushId, string url, string? failure);

    [LoggerMessage(3703, LogLevel.Warning, "Push {PushId} was interrupted; it goes on soon")]
    private static partial void LogInterrupted(ILogger logger, Exception exception, string pushId);
}
