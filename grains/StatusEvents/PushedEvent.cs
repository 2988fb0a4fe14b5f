namespace IotPlatform.StatusEvents;

/// <summary>An event on its way to a URL. Belongs to one <see cref="PushWindow"/>.</summary>
internal sealed class PushedEvent(StatusEvent status)
{
    public StatusEvent Event => status;

    /// <summary>The URL has taken it.</summary>
    public bool IsTaken { get; set; }
}
