namespace IotPlatform.Limits;

/// <summary>How many come at once, and how many in the long run.</summary>
/// <param name="Burst">At once; at least one.</param>
/// <param name="PerSecond">In the long run; positive.</param>
public readonly record struct Rate(int Burst, double PerSecond)
{
    /// <summary>After this long without any, all of the burst may come again.</summary>
    public TimeSpan FillTime => TimeSpan.FromSeconds(Burst / PerSecond);

    /// <summary>As many a second, where that is limited.</summary>
    /// <param name="perSecond">In the long run; null for no limit.</param>
    /// <param name="burst">At once; null for as many as in a second.</param>
    public static Rate? Of(int? perSecond, int? burst) => perSecond is { } known ? new Rate(burst ?? known, known) : null;

    /// <summary>As many in a time.</summary>
    /// <param name="count">How many in <paramref name="time"/>, all at once or not.</param>
    /// <param name="time">How long it takes until as many may come again.</param>
    public static Rate Within(int count, TimeSpan time) => new(count, count / time.TotalSeconds);
}
