namespace IotPlatform.Storage.Sqlite;

/// <summary>Where an open message is.</summary>
/// <param name="Sequence">Its place among its device's messages.</param>
/// <param name="Place">Its row.</param>
/// <param name="IdHash">What its id is known by: <see cref="HashOf"/>, <see cref="NoOwnId"/> or <see cref="Unknown"/>.</param>
/// <param name="IsWritten">Its write has ended; before that the row may not be there yet.</param>
internal readonly record struct OpenRow(long Sequence, long Place, int IdHash, bool IsWritten)
{
    /// <summary>Its id is its sequence.</summary>
    public const int NoOwnId = 0;

    /// <summary>An earlier process has written it, and nobody has looked.</summary>
    public const int Unknown = 1;

    /// <summary>By which an id that its caller gave is told from most others, in this process.</summary>
    public static int HashOf(string messageId) => messageId.GetHashCode(StringComparison.Ordinal) is not (NoOwnId or Unknown) and var hash ? hash : 2;
}
