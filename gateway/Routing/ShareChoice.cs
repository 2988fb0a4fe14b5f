namespace IotPlatform.Routing;

/// <summary>Which member of a shared subscription gets a message.</summary>
public enum ShareChoice
{
    /// <summary>The members take turns.</summary>
    RoundRobin,

    /// <summary>All messages of one topic go to the same member, in their order, for as long as that is there.</summary>
    Sticky,
}
