namespace IotPlatform.StatusEvents;

/// <summary>One push. Key: its id.</summary>
[Alias("iot.status-push-grain")]
public interface IStatusPushGrain : IGrainWithStringKey
{
    /// <summary>Pushes, unless it does already, is parked, or is gone.</summary>
    [Alias("run")]
    Task RunAsync();

    /// <summary>How it fares.</summary>
    [Alias("view")]
    Task<Reply<StatusPushView>> GetAsync();

    /// <summary>Pushes again where it was parked, from where it stopped; what is not kept any more is missed. FAILED_PRECONDITION: it is not parked.</summary>
    [Alias("resume")]
    Task<Reply<StatusPushView>> ResumeAsync();

    /// <summary>It is deleted: nothing more is pushed once this has returned, but for what is under way.</summary>
    [Alias("end")]
    Task EndAsync();
}
