namespace IotPlatform.Storage.Sqlite;

/// <summary>Where an open message is.</summary>
/// <param name="Sequence">Its place among its device's messages.</param>
/// <param name="Place">Its row.</param>
/// <param name="IdHash">What its id is known by.</param>
/// <param name="IsWritten">Its write has ended; before that the row may not be there yet.</param>
internal readonly record struct OpenRow(long Sequence, long Place, int IdHash, bool IsWritten);
