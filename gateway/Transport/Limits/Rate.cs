namespace IotPlatform.Transport.Limits;

/// <summary>How many come at once, and how many in the long run.</summary>
/// <param name="Burst">At once; at least one.</param>
/// <param name="PerSecond">In the long run; positive.</param>
internal readonly record struct Rate(int Burst, double PerSecond)
{
    /// <summary>After this long without any, all of the burst may come again.</summary>
    public TimeSpan FillTime => TimeSpan.FromSeconds(Burst / PerSecond);

    /// <param name="count">How many in <paramref name="time"/>, all at once or not.</param>
    /// <param name="time">How long it takes until as many may come again.</param>
    public static Rate Within(int count, TimeSpan time) => new(count, count / time.TotalSeconds);
}
