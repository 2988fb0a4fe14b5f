namespace IotPlatform.Storage.Sqlite;

/// <summary>Where a message is that has ended and is still to be filed.</summary>
/// <param name="Sequence">Its place among its device's messages.</param>
/// <param name="Place">Its row.</param>
/// <param name="IdHash">What its id is known by.</param>
internal readonly record struct EndedRow(long Sequence, long Place, int IdHash);
