namespace IotPlatform.Storage.Sqlite;

/// <summary>Where a message is that is found through memory.</summary>
/// <param name="Sequence">Its place among its device's messages.</param>
/// <param name="Place">Its row.</param>
/// <param name="IdHash">What its id is known by.</param>
/// <param name="IsWritten">Its first write has ended; before that the row may not be there yet.</param>
internal readonly record struct MessageRow(long Sequence, long Place, int IdHash, bool IsWritten);
